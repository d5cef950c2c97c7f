package tokens

import (
	"encoding/json"
	"slices"
	"testing"
)

func TestAPatternFits(t *testing.T) {
	for _, each := range []struct {
		pattern, name string
		expected      bool
	}{
		{"a", "a", true}, {"a", "ab", false}, {"*", "anything", true}, {"a*", "a", true}, {"*a", "ba", true},
		{"a*c*e", "abcde", true}, {"a*c*e", "abcd", false}, {"a**", "ab", true}, {"*b*", "abc", true}, {"*b", "bc", false},
	} {
		if fits(each.pattern, each.name) != each.expected {
			t.Errorf("%s fits %s: expected %v", each.pattern, each.name, each.expected)
		}
	}
}

func TestTheExactNameCountsElseTheFirstPatternAndNothingIsAddedUp(t *testing.T) {
	grants, err := readGrants(json.RawMessage(`{"caches":{"*":{"r":1},"dev-*":{"w":1},"dev-a":{"cc":1,"r":0}}}`))
	if err != nil {
		t.Fatal(err)
	}
	token := &Token{grants: grants}
	for name, expected := range map[string]Permissions{"dev-a": {"cc"}, "dev-b": {"r"}, "x": {"r"}} {
		if found := token.For(name); !slices.Equal(found, expected) {
			t.Errorf("%s: %v, expected %v", name, found, expected)
		}
	}
}

func TestAnyMistakeVoidsAllOfIt(t *testing.T) {
	for _, claim := range []string{
		``, `null`, `[]`, `{}`, `{"caches":[]}`, `{"caches":{"a":{"r":true}}}`, `{"caches":{"a":{"r":1,"r":1}}}`,
		`{"caches":{"a":{"r":1},"b?":{"r":1}}}`, `{"caches":{"a":{"r":1.0}}}`, `{"caches":{"a":1}}`,
	} {
		if grants, err := readGrants(json.RawMessage(claim)); err == nil {
			t.Errorf("%s is taken for %v", claim, grants)
		}
	}
}

func TestATokenIsTakenOutOfTheHeader(t *testing.T) {
	for header, expected := range map[string]string{"Bearer x": "x", "bEARER x y": "x y", "Basic YTpiOmM=": "b:c", "basic Onk=": "y"} {
		if found, given := FromHeader(header); !given || found != expected {
			t.Errorf("%s is %q, expected %q", header, found, expected)
		}
	}
	for _, header := range []string{"", "x", "Bearer", "Digest x", "Basic YQ==", "Basic %"} {
		if found, given := FromHeader(header); given {
			t.Errorf("%s is %q", header, found)
		}
	}
}
