"""The expert pool (能手库): kept by provinces and the ministry, filled from files, each other and contests."""
