package main

import (
	"context"
	"fmt"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/schollz/progressbar/v3"

	"hereabouts/importers"
)

// A watch shows a person how far an import has come, at what rate, and how
// long it will still take. It shows nothing when nobody is looking.
type watch struct {
	bar   *progressbar.ProgressBar
	noun  string
	meter *importers.Meter
	began time.Time
	now   func() time.Time
}

// watchImport starts a watch; what is read under the returned context moves it.
func (p *program) watchImport(ctx context.Context, noun string) (context.Context, *watch) {
	w := &watch{noun: noun, meter: &importers.Meter{}, began: p.now(), now: p.now}
	if p.watched() {
		w.bar = progressbar.NewOptions64(-1,
			progressbar.OptionSetWriter(p.errw),
			progressbar.OptionSetDescription("importing"),
			progressbar.OptionSetPredictTime(true),
			progressbar.OptionSetElapsedTime(true),
			progressbar.OptionFullWidth(),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish(),
		)
	}
	return importers.WithMeter(ctx, w.meter), w
}

// show tells how many records are done; how far that is, the meter knows.
func (w *watch) show(records int) {
	if w.bar == nil {
		return
	}
	perSecond := float64(records) / max(w.now().Sub(w.began).Seconds(), 0.001)
	w.bar.Describe(fmt.Sprintf("%s %s, %s a second", humanize.Comma(int64(records)), w.noun, humanize.Comma(int64(perSecond))))
	w.bytes(w.meter.Read())
}

func (w *watch) bytes(done, total int64) {
	if w.bar == nil || total <= 0 {
		return
	}
	w.bar.ChangeMax64(max(total, done))
	// A bar that cannot be drawn is no reason to stop an import.
	_ = w.bar.Set64(done)
}

func (w *watch) finish() {
	if w.bar != nil {
		_ = w.bar.Finish()
	}
}
