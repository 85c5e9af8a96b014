"""What a call looks at beside its arguments and its code, learned while it runs."""
