"""Measures the mall beside a floor in the same run: `bin/bench NAME`. One file a subject in `benches/cases`."""
