package api

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"runtime"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"hereabouts"
)

// Limits keep one client from taking the place of the others. A zero field
// has its default.
type Limits struct {
	BodyBytes int64 // of one request; 256 KB

	PerAddress   rate.Limit // requests a second from one address; 20. rate.Inf: no limit
	AddressBurst int        // requests at once from one address; 200
	PerKey       rate.Limit // requests a second with one key; 50. rate.Inf: no limit
	KeyBurst     int        // requests at once with one key; 500
	Remembered   int        // addresses and keys remembered; 50,000

	Searches  int           // at the same time; twice the processors
	Queue     int           // waiting for one of those; 16
	QueueWait time.Duration // at most; 150 ms
	Heartbeat time.Duration // between signs of life on a followed feed; 15 s
	Followers int           // clients following the feed; 64
}

func (l Limits) withDefaults() Limits {
	orDefault(&l.BodyBytes, 256<<10)
	orDefault(&l.PerAddress, 20)
	orDefault(&l.AddressBurst, 200)
	orDefault(&l.PerKey, 50)
	orDefault(&l.KeyBurst, 500)
	orDefault(&l.Remembered, 50_000)
	orDefault(&l.Searches, 2*runtime.GOMAXPROCS(0))
	orDefault(&l.Queue, 16)
	orDefault(&l.QueueWait, 150*time.Millisecond)
	orDefault(&l.Heartbeat, 15*time.Second)
	orDefault(&l.Followers, 64)
	return l
}

func orDefault[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

// A limiter counts requests by address and by key. It remembers a bounded
// number of each and forgets whoever has been quiet longest.
type limiter struct {
	limits Limits
	now    func() time.Time
	seen   *lru.Cache[string, *rate.Limiter]
}

type allowance int

const (
	byAddress allowance = iota
	byKey
)

func newLimiter(l Limits, now func() time.Time) *limiter {
	seen, err := lru.New[string, *rate.Limiter](max(1, l.Remembered))
	if err != nil {
		panic(err) // only for a size below one
	}
	return &limiter{limits: l, now: now, seen: seen}
}

// spend takes cost from who's allowance, says in h what is left, and is a 429
// when it does not suffice.
func (l *limiter) spend(h http.Header, class allowance, who string, cost int) error {
	name, perSecond, burst := "address", l.limits.PerAddress, l.limits.AddressBurst
	if class == byKey {
		name, perSecond, burst = "key", l.limits.PerKey, l.limits.KeyBurst
	}
	if perSecond == rate.Inf {
		return nil
	}
	bucket, ok := l.seen.Get(who)
	if !ok {
		bucket = rate.NewLimiter(perSecond, burst)
		if earlier, found, _ := l.seen.PeekOrAdd(who, bucket); found {
			bucket = earlier
		}
	}
	now := l.now()
	allowed := bucket.AllowN(now, min(cost, burst))
	left := bucket.TokensAt(now)
	// Seconds until the allowance is whole again, and until the next request.
	whole := seconds((float64(burst) - left) / float64(perSecond))
	h.Set("RateLimit-Policy", fmt.Sprintf("%q;q=%d;w=%d", name, burst, seconds(float64(burst)/float64(perSecond))))
	h.Set("RateLimit", fmt.Sprintf("%q;r=%d;t=%d", name, max(0, int(left)), whole))
	if allowed {
		return nil
	}
	p := newProblem(http.StatusTooManyRequests, "too-many-requests", "That is more than we can answer at once",
		"Wait for as long as Retry-After says, then carry on.")
	p.retryAfter = time.Duration(max(1, seconds((float64(min(cost, burst))-left)/float64(perSecond)))) * time.Second
	return p
}

func seconds(s float64) int { return int(math.Ceil(max(0, s))) }

// slots bound how many searches run at once, so that under load those that
// are answered are answered quickly and the rest are told so at once.
type slots struct {
	running chan struct{}
	waiting chan struct{}
	wait    time.Duration
}

func newSlots(l Limits) *slots {
	return &slots{running: make(chan struct{}, max(1, l.Searches)), waiting: make(chan struct{}, max(1, l.Queue)), wait: l.QueueWait}
}

// take waits briefly for a slot; release gives it back.
func (s *slots) take(ctx context.Context) (release func(), err error) {
	release = func() { <-s.running }
	select {
	case s.running <- struct{}{}:
		return release, nil
	default:
	}
	select {
	case s.waiting <- struct{}{}:
		defer func() { <-s.waiting }()
	default:
		return nil, errBusy()
	}
	t := time.NewTimer(s.wait)
	defer t.Stop()
	select {
	case s.running <- struct{}{}:
		return release, nil
	case <-t.C:
		return nil, errBusy()
	case <-ctx.Done():
		return nil, fmt.Errorf("api: waiting to search: %w", hereabouts.ErrUnavailable)
	}
}

func errBusy() *problem {
	p := newProblem(http.StatusServiceUnavailable, "busy", "Many people are searching just now", "Try again in a second.")
	p.retryAfter = time.Second
	return p
}
