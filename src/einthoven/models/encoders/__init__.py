"""ECG encoders, one a file: a signal and what of it is there, to features over time and one pooled vector a record.

Each is called as `encoder(signal, valid, leads)`:

- `signal` (batch, 12, time);
- `valid` (batch, time), 1 where there is signal and 0 in padding; None for no padding;
- `leads` (batch, 12), 1 for the leads that were recorded and 0 for those that are missing; None for all.

It gives tokens (batch, tokens, width of a token) and pooled (batch, `width`). What stands in a missing lead or in
padding is not read. How much padding follows a record changes nothing either, if the record is a multiple of `stride`
long. Residual networks are the exception: batch normalisation puts its shift into padding, from where it reaches the
tokens near the record's end, and the gates of squeeze and excitation.

Every encoder has `width`, the length of the pooled vector, and `stride`, samples from one token to the next.
"""
