-- What is told about an organization. C: struct organization_details (app/api/profile.c).
company_name text
company_website text
billing_email text
billing_phone text
tax_id text
address_line1 text
address_line2 text
address_city text
address_state text
address_postal_code text
address_country text
