package config

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
)

var units = map[string]float64{}

func init() {
	second := float64(time.Second)
	for names, length := range map[string]float64{
		"nanos nsec ns":             1,
		"micros usec us µs":         1e3,
		"millis msec ms":            1e6,
		"seconds second secs sec s": second,
		"minutes minute mins min m": 60 * second,
		"hours hour hrs hr h":       3600 * second,
		"days day d":                86400 * second,
		"weeks week wks wk w":       7 * 86400 * second,
		"months month M":            2_630_016 * second,
		"years year yrs yr y":       31_557_600 * second,
	} {
		for _, name := range strings.Fields(names) {
			units[name] = length
		}
	}
}

// parseSpan reads a length of time as people write it, such as "12h" or "7days 30m"; "0" needs no unit.
func parseSpan(text string) (time.Duration, error) {
	if text == "0" {
		return 0, nil
	}
	rest := strings.TrimSpace(text)
	if rest == "" {
		return 0, errors.New("value was empty")
	}
	total := 0.0
	for rest != "" {
		digits := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
		if digits == 0 {
			return 0, fmt.Errorf("expected number in %q", text)
		}
		if digits < 0 {
			return 0, fmt.Errorf("time unit needed in %q, for example %ssec or %sms", text, rest, rest)
		}
		number := 0.0
		for _, digit := range rest[:digits] {
			number = number*10 + float64(digit-'0')
		}
		rest = strings.TrimLeft(rest[digits:], " \t\n")
		end := strings.IndexFunc(rest, func(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || (r >= '0' && r <= '9') })
		if end < 0 {
			end = len(rest)
		}
		unit, known := units[rest[:end]]
		if !known {
			return 0, fmt.Errorf("unknown time unit %q in %q", rest[:end], text)
		}
		total += number * unit
		rest = strings.TrimLeft(rest[end:], " \t\n")
	}
	// What is longer than Go can count is as good as for ever.
	return time.Duration(min(total, float64(math.MaxInt64/2))), nil
}
