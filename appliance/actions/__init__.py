"""Everything that can be done, one function and one transaction each."""
