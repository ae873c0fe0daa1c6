"""ECG encoders, one a file: (batch, 12, time) and a mask to features over time and one pooled vector a record.

Every encoder has `width`, the length of the pooled vector, and `stride`, samples from one token to the next.
"""
