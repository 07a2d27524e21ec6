-- Where the server keeps its data.
SELECT @@datadir AS folder
