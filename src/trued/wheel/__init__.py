"""The archive itself: strict ZIP, RECORD, names, startup hooks. Bytes in, findings out."""
