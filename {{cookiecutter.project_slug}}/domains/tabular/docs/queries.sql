-- Seven questions to this project's data. `category` and `number` stand for the two columns that
-- drive churn most; the first question says which they are.

-- 1. Which columns of the data are `category` and `number`? (SELECT)
SELECT role, column_name
FROM roles
ORDER BY role;

-- 2. Which share left in each category with at least 20 customers? (GROUP BY, HAVING)
SELECT category, COUNT(*) AS customers, ROUND(AVG(churned), 3) AS share_left
FROM customers
GROUP BY category
HAVING COUNT(*) >= 20
ORDER BY share_left DESC, category;

-- 3. How do those who left and those who stayed differ in `number`, and where is it missing?
--    (AVG and COUNT leave missing values out)
SELECT churned, COUNT(*) AS customers, COUNT(*) - COUNT(number) AS missing,
       ROUND(AVG(number), 2) AS average
FROM customers
GROUP BY churned
ORDER BY churned;

-- 4. What did the decision come to on test customers? (CROSS JOIN, CASE)
SELECT SUM(CASE WHEN y = 1 AND probability >= threshold THEN 1 ELSE 0 END) AS true_positive,
       SUM(CASE WHEN y = 0 AND probability >= threshold THEN 1 ELSE 0 END) AS false_positive,
       SUM(CASE WHEN y = 1 AND probability < threshold THEN 1 ELSE 0 END) AS false_negative,
       SUM(CASE WHEN y = 0 AND probability < threshold THEN 1 ELSE 0 END) AS true_negative
FROM predictions CROSS JOIN decision
WHERE part = 'test';

-- 5. How does the share that leaves change over the four quarters of `number`? (NTILE)
WITH quarters AS (
  SELECT churned, number, NTILE(4) OVER (ORDER BY number) AS quarter
  FROM customers
  WHERE number IS NOT NULL
)
SELECT quarter, MIN(number) AS smallest, MAX(number) AS largest,
       ROUND(AVG(churned), 3) AS share_left
FROM quarters
GROUP BY quarter
ORDER BY quarter;

-- 6. After how many contacts, riskiest first, is the money earned on test customers highest?
--    (a running sum; nobody is contacted where no row is above zero)
WITH ranked AS (
  SELECT ROW_NUMBER() OVER (ORDER BY probability DESC, y DESC) AS contacts, probability,
         SUM(y * offer_acceptance * customer_value - offer_cost)
           OVER (ORDER BY probability DESC, y DESC ROWS UNBOUNDED PRECEDING) AS earned
  FROM predictions CROSS JOIN decision
  WHERE part = 'test'
)
SELECT contacts, probability, ROUND(earned, 2) AS earned
FROM ranked
ORDER BY earned DESC, contacts
LIMIT 1;

-- 7. Is any customer in both the training and the test part? (a leak; expect no row)
SELECT customer, COUNT(DISTINCT part) AS parts
FROM customers
GROUP BY customer
HAVING COUNT(DISTINCT part) > 1;
