"""Frequently asked questions: the entries, who finds them (`matching.Matcher`), and how well."""
