"""Measurements that print tables. Tests assert only that the metrics compute what they define."""
