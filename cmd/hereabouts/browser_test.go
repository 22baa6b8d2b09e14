package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// browse starts a browser; the test is skipped when there is none.
func browse(t *testing.T) context.Context {
	t.Helper()
	var browser string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			browser = path
			break
		}
	}
	if browser == "" {
		t.Skip("no Chromium here; 'make browser' installs it")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(browser), chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	allocated, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(allocated)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("%s does not start: %v", browser, err)
	}
	return ctx
}

// fits faults a page that has to be scrolled sideways or needs a script.
func fits(t *testing.T, ctx context.Context, width int64) {
	t.Helper()
	if ask(t, ctx, chromedp.Evaluate[bool](`document.documentElement.scrollWidth > document.documentElement.clientWidth`)) {
		t.Errorf("at %d px the page has to be scrolled sideways", width)
	}
	if n := ask(t, ctx, chromedp.Evaluate[int](`document.scripts.length`)); n != 0 {
		t.Errorf("at %d px the page has %d scripts; it must not need any", width, n)
	}
}

// A newcomer searches on a phone and on a desk.
func TestSearchInABrowser(t *testing.T) {
	ctx := browse(t)
	s := serve(t, t.TempDir(), "--demo")
	for _, width := range []int64{320, 1280} {
		err := chromedp.Do(ctx,
			chromedp.EmulateViewport(width, 800),
			chromedp.Navigate(s.url+"/"),
			chromedp.SetValue(chromedp.CSS(`[name=q]`), "somewhere to garden"),
			chromedp.SetValue(chromedp.CSS(`[name=near]`), "Northampton"),
			chromedp.Click(chromedp.CSS(`main form button`)),
			chromedp.WaitVisible(chromedp.CSS(`main ol li`)),
		)
		if err != nil {
			t.Fatalf("at %d px: %v", width, err)
		}
		page := ask(t, ctx, chromedp.Text(chromedp.CSS("body")))
		if !strings.Contains(strings.ToLower(page), "garden") {
			t.Errorf("at %d px the results say nothing of gardens:\n%s", width, page)
		}
		if !strings.Contains(strings.ToLower(page), "demonstration") {
			t.Errorf("at %d px the page does not say that this is demonstration data", width)
		}
		if address := ask(t, ctx, chromedp.Location()); strings.Contains(address, "garden") || strings.Contains(address, "Northampton") {
			t.Errorf("at %d px the words or the place are in the address %s", width, address)
		}
		fits(t, ctx, width)
		keepScreenshot(t, ctx, "search", width)
	}
}

// Somebody asks what the bus reaches, looks at what it does not bring them
// home from, and at the whole way to one of those that it does.
func TestGettingThereInABrowser(t *testing.T) {
	ctx := browse(t)
	s := serve(t, t.TempDir(), "--demo")
	for _, width := range []int64{320, 1280} {
		do := func(what string, steps ...chromedp.Action[chromedp.Void]) string {
			t.Helper()
			if err := chromedp.Do(ctx, steps...); err != nil {
				t.Fatalf("at %d px, %s: %v", width, what, err)
			}
			fits(t, ctx, width)
			if address := ask(t, ctx, chromedp.Location()); strings.Contains(address, "Brixworth") || strings.Contains(address, "from=") {
				t.Errorf("at %d px, %s: where somebody lives is in the address %s", width, what, address)
			}
			return ask(t, ctx, chromedp.Text(chromedp.CSS("main")))
		}
		page := do("searching",
			chromedp.EmulateViewport(width, 800),
			chromedp.Navigate(s.url+"/"),
			chromedp.SetValue(chromedp.CSS(`[name=near]`), "Brixworth"),
			chromedp.SetValue(chromedp.CSS(`[name=transport]`), "transit"),
			chromedp.Click(chromedp.CSS(`main form[role=search] button`)),
			chromedp.WaitVisible(chromedp.CSS(`main ol.results li`)),
		)
		if !strings.Contains(page, "there and back") || !strings.Contains(page, "not by bus") {
			t.Errorf("at %d px the results do not say what can be reached:\n%s", width, page)
		}
		keepScreenshot(t, ctx, "reach", width)

		page = do("looking at what there is no way home from",
			chromedp.Click(chromedp.CSS(`form.reach button[value=there_only]`)),
			chromedp.WaitVisible(chromedp.CSS(`main form.reach button[value=""]`)),
		)
		if !strings.Contains(page, "no way home") {
			t.Errorf("at %d px nothing is there only:\n%s", width, page)
		}
		keepScreenshot(t, ctx, "there-only", width)

		page = do("asking for the whole way",
			chromedp.Click(chromedp.CSS(`main ol.results form button`)),
			chromedp.WaitVisible(chromedp.CSS(`main .trip .legs li`)),
		)
		if !strings.Contains(page, "There: leave by") || !strings.Contains(page, "From Brixworth") {
			t.Errorf("at %d px the way there is not told:\n%s", width, page)
		}
		keepScreenshot(t, ctx, "way", width)
	}
}

func ask[T any](t *testing.T, ctx context.Context, what chromedp.Action[T]) T {
	t.Helper()
	answer, err := chromedp.Run(ctx, what)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// keepScreenshot writes what the browser shows into SCREENSHOTS, when that
// names a folder, for a person to look at.
func keepScreenshot(t *testing.T, ctx context.Context, page string, width int64) {
	t.Helper()
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		return
	}
	png := ask(t, ctx, chromedp.FullScreenshot(100))
	if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%d.png", page, width)), png, 0o644); err != nil {
		t.Fatal(err)
	}
}
