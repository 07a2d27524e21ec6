-- Which of the operator's Pinterest apps are stopped, and why.
SELECT environment, stop_code FROM apps ORDER BY environment
