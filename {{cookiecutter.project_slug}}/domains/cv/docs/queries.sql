-- Seven questions to what is known of this project's images. `patient` is empty where nobody knows.

-- 1. How many images of each class does each part hold? (a pivot by CASE)
SELECT kind, SUM(CASE WHEN part = 'train' THEN 1 ELSE 0 END) AS train,
       SUM(CASE WHEN part = 'validation' THEN 1 ELSE 0 END) AS validation,
       SUM(CASE WHEN part = 'test' THEN 1 ELSE 0 END) AS test
FROM images
GROUP BY kind
ORDER BY kind;

-- 2. How many images has a patient: fewest, mean, most? (a subquery in FROM)
SELECT COUNT(*) AS patients, MIN(size) AS fewest, ROUND(AVG(size), 2) AS mean, MAX(size) AS most
FROM (SELECT patient, COUNT(*) AS size FROM images WHERE patient IS NOT NULL GROUP BY patient);

-- 3. Could brightness alone tell the classes apart? (GROUP BY)
SELECT positive, COUNT(*) AS images, ROUND(AVG(brightness), 4) AS mean,
       ROUND(MIN(brightness), 4) AS darkest, ROUND(MAX(brightness), 4) AS brightest
FROM images
GROUP BY positive
ORDER BY positive;

-- 4. What did the decision come to on test cases? (CROSS JOIN, CASE)
SELECT SUM(CASE WHEN y = 1 AND probability >= threshold THEN 1 ELSE 0 END) AS true_positive,
       SUM(CASE WHEN y = 0 AND probability >= threshold THEN 1 ELSE 0 END) AS false_positive,
       SUM(CASE WHEN y = 1 AND probability < threshold THEN 1 ELSE 0 END) AS false_negative,
       SUM(CASE WHEN y = 0 AND probability < threshold THEN 1 ELSE 0 END) AS true_negative
FROM predictions CROSS JOIN decision
WHERE part = 'test';

-- 5. Sensitivity and specificity at other thresholds? (a list of VALUES)
WITH thresholds(point) AS (VALUES (0.1), (0.3), (0.5), (0.7), (0.9))
SELECT point,
       ROUND(AVG(CASE WHEN y = 1 THEN 1.0 * (probability >= point) END), 4) AS sensitivity,
       ROUND(AVG(CASE WHEN y = 0 THEN 1.0 * (probability < point) END), 4) AS specificity
FROM predictions CROSS JOIN thresholds
WHERE part = 'test'
GROUP BY point
ORDER BY point;

-- 6. How often are predictions right that are this sure? (NTILE: a calibration table)
WITH tenths AS (
  SELECT y, probability, NTILE(10) OVER (ORDER BY probability) AS tenth
  FROM predictions
  WHERE part = 'test'
)
SELECT tenth, COUNT(*) AS cases, ROUND(AVG(probability), 3) AS predicted,
       ROUND(AVG(y), 3) AS observed
FROM tenths
GROUP BY tenth
ORDER BY tenth;

-- 7. Is any patient in more than one part? (a leak; expect no row)
SELECT patient, COUNT(DISTINCT part) AS parts
FROM images
WHERE patient IS NOT NULL
GROUP BY patient
HAVING COUNT(DISTINCT part) > 1;
