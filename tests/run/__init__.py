"""What `./run` calls: each file is one verb."""
