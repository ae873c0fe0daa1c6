"""What the formats that are XML or JSON documents share: text, trees, numbers, dates, channels to an ECG."""
