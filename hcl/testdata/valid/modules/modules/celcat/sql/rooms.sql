SELECT code FROM rooms WHERE kind = :kind
