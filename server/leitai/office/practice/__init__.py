"""The year-round practice 日日学、周周练、月月比: learners, what they earn, how they stand."""
