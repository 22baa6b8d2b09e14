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

// A newcomer searches on a phone and on a desk.
func TestSearchInABrowser(t *testing.T) {
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
	s := serve(t, t.TempDir(), "--demo")
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(browser), chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	allocated, stop := chromedp.NewExecAllocator(t.Context(), options...)
	defer stop()
	ctx, cancel := chromedp.NewContext(allocated)
	defer cancel()
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("%s does not start: %v", browser, err)
	}

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
		if ask(t, ctx, chromedp.Evaluate[bool](`document.documentElement.scrollWidth > document.documentElement.clientWidth`)) {
			t.Errorf("at %d px the page has to be scrolled sideways", width)
		}
		if n := ask(t, ctx, chromedp.Evaluate[int](`document.scripts.length`)); n != 0 {
			t.Errorf("at %d px the page has %d scripts; it must not need any", width, n)
		}
		keepScreenshot(t, ctx, width)
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
func keepScreenshot(t *testing.T, ctx context.Context, width int64) {
	t.Helper()
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		return
	}
	png := ask(t, ctx, chromedp.FullScreenshot(100))
	if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("search-%d.png", width)), png, 0o644); err != nil {
		t.Fatal(err)
	}
}
