package config

import (
	"testing"
	"time"
)

func TestSpansAreReadAsPeopleWriteThem(t *testing.T) {
	for text, expected := range map[string]time.Duration{
		"0": 0, "0s": 0, "12h": 12 * time.Hour, "7 days": 168 * time.Hour, "1h 30m": 90 * time.Minute,
		"1h30m": 90 * time.Minute, "100ms": 100 * time.Millisecond, "1month": 2_630_016 * time.Second, "1m": time.Minute,
		"1M": 2_630_016 * time.Second,
	} {
		if found, err := parseSpan(text); err != nil || found != expected {
			t.Errorf("%q is %v (%v), expected %v", text, found, err, expected)
		}
	}
	for _, text := range []string{"", "1", "h", "-1h", "1x", "12h 3", "1.h"} {
		if found, err := parseSpan(text); err == nil {
			t.Errorf("%q is taken for %v", text, found)
		}
	}
}

func TestASpanLongerThanCanBeCountedIsForEver(t *testing.T) {
	if found, err := parseSpan("99999 years"); err != nil || found < 100*365*24*time.Hour {
		t.Errorf("%v (%v)", found, err)
	}
}
