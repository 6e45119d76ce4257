// Tests of the object verdicts.
