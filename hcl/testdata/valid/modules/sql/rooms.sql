SELECT code FROM all_rooms
