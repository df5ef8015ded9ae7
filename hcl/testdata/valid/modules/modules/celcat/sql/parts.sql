SELECT code FROM parts
