UPDATE student_group SET size = (SELECT count(*) FROM group_student AS x WHERE x.group_id = student_group.id)
