package schedule

import (
	_ "time/tzdata" // the time zones: neither Windows nor the smallest containers have them
)
