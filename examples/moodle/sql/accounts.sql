-- Accounts of people: neither deleted nor those of other platforms. 0 stands for never.
SELECT u.id, u.username, u.firstname, u.lastname, u.email, u.suspended,
       FROM_UNIXTIME(u.timecreated) AS created,
       FROM_UNIXTIME(NULLIF(u.lastaccess, 0)) AS last_seen
FROM mdl_user u
WHERE u.deleted = 0
  AND u.mnethostid = 1
  AND u.auth = 'cas'
