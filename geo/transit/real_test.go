package transit_test

import "flag"

var (
	townsFlag   = flag.Int("towns", 300, "how many made-up networks to compare the engine and the oracle on")
	originsFlag = flag.Int("origins", 200, "how many origins and times to compare the engine and the oracle at on each real feed")
)
