package config

import "slices"

// AllUnit is the address of the one unit of atomic = "all".
const AllUnit = "all"

// UnitOf is the address of the unit that a sync is run in, as atomic says: what is planned and applied together by a run.
func (c *Config) UnitOf(s *Sync) string {
	switch c.Settings.Atomic {
	case AtomicAll:
		return AllUnit
	case AtomicFaculty:
		if i := slices.IndexFunc(c.Faculties, func(f *Faculty) bool { return f.Label == s.Faculty }); i >= 0 {
			return c.Faculties[i].Address
		}
	case AtomicSync:
	}
	return s.Address
}
