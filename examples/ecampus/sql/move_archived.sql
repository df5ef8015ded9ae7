UPDATE course
SET category_id = (SELECT id FROM course_category WHERE idnumber = 'ARCHIVE'),
  fullname = '[Archive] ' || fullname,
  shortname = 'ARCHIVE-' || shortname
WHERE origin = 'APOGEE' AND archived_on IS NOT NULL AND shortname NOT LIKE 'ARCHIVE-%'
