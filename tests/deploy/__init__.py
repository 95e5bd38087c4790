"""What stands before and beside our processes in a deployment: proxy, stores, doctor."""
