package cli

// GarbagePercent is what main gives debug.SetGCPercent unless $GOGC says otherwise. Drivers leave much garbage
// for each row that they decode, and next to nothing stays: at Go's own 100 a third of the time of reading from Oracle goes
// into collecting it. It costs less than 10 MB.
const GarbagePercent = 300
