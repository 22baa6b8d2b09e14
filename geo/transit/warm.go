package transit

import (
	"context"
	"time"
)

// Warm works out what runs in the days after a moment, for questions of up to
// an hour by somebody who asks nothing of vehicles. The first search of each
// day would wait for it otherwise, on a network of a whole country for
// seconds.
func (n *Network) Warm(ctx context.Context, from time.Time, days int) {
	const usual = 3600
	for at, until := from.Unix(), from.AddDate(0, 0, days).Unix(); at < until && ctx.Err() == nil; at += sliceSeconds {
		n.layers(at, at+usual, AnySteps, NoPass)
	}
}
