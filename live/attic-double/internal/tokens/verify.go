package tokens

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/golang-jwt/jwt/v5"

	"attic-pulumi/attic-double/internal/config"
)

// Token is a valid token.
type Token struct {
	// Subject is nil when the token has none.
	Subject *string
	grants  []grant
}

const namespace = "https://jwt.attic.rs/v1"

var scheme = regexp.MustCompile(`^(?i:(bearer)|(basic)) (.*)$`)

// FromHeader takes the token out of an Authorization header: a bearer's, or the password of any user.
func FromHeader(authorization string) (string, bool) {
	found := scheme.FindStringSubmatch(authorization)
	if found == nil {
		return "", false
	}
	if found[1] != "" {
		return found[3], true
	}
	pair, err := base64.StdEncoding.Strict().DecodeString(found[3])
	if err != nil || !utf8.Valid(pair) {
		return "", false
	}
	_, password, given := strings.Cut(string(pair), ":")
	return password, given
}

// Verify reads a token. It takes no clock's error into account: a token is not valid before its time.
func Verify(text string, rules config.JWT, now time.Time) (*Token, error) {
	method, key := "RS256", any(rules.Key.RSA)
	if rules.Key.HMAC != nil {
		method, key = "HS256", rules.Key.HMAC
	}
	// The claims are checked below, by the server's rules.
	parser := jwt.NewParser(jwt.WithValidMethods([]string{method}), jwt.WithoutClaimsValidation(), jwt.WithStrictDecoding())
	parsed, err := parser.ParseWithClaims(text, jwt.MapClaims{}, func(*jwt.Token) (any, error) { return key, nil })
	if err != nil {
		return nil, err
	}
	if kind, given := parsed.Header["typ"]; given {
		name, is := kind.(string)
		if name = strings.ToUpper(name); !is || (name != "JWT" && !strings.HasSuffix(name, "+JWT")) {
			return nil, errors.New("not a JWT")
		}
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(text, ".")[1])
	if err != nil {
		return nil, err
	}
	return read(payload, rules, now)
}

func read(payload []byte, rules config.JWT, now time.Time) (*Token, error) {
	fields, err := readObject(payload)
	if err != nil {
		return nil, err
	}
	claims := map[string]json.RawMessage{}
	for _, field := range fields {
		claims[field.key] = field.value
	}
	if err := inTime(claims, now); err != nil {
		return nil, err
	}
	issuer, err := text(claims, "iss")
	if err != nil {
		return nil, err
	}
	if rules.Issuer != nil && (issuer == nil || *issuer != *rules.Issuer) {
		return nil, errors.New("not of the required issuer")
	}
	audiences, err := audience(claims["aud"])
	if err != nil {
		return nil, err
	}
	known := func(name string) bool { return slices.Contains(rules.Audiences, name) }
	if rules.Audiences != nil && !slices.ContainsFunc(audiences, known) {
		return nil, errors.New("not for the required audience")
	}
	if _, err := text(claims, "jti"); err != nil {
		return nil, err
	}
	token := &Token{}
	if token.Subject, err = text(claims, "sub"); err != nil {
		return nil, err
	}
	token.grants, err = readGrants(claims[namespace])
	return token, err
}

func inTime(claims map[string]json.RawMessage, now time.Time) error {
	seconds := now.Unix()
	for name, right := range map[string]func(int64) bool{
		"exp": func(at int64) bool { return seconds <= at },
		"nbf": func(at int64) bool { return at <= seconds },
		"iat": func(at int64) bool { return at <= seconds },
	} {
		claim, given := claims[name]
		if !given || string(claim) == "null" {
			continue
		}
		var at float64
		if err := json.Unmarshal(claim, &at); err != nil || at < 0 {
			return fmt.Errorf("%s is not a time", name)
		}
		if !right(int64(at)) {
			return fmt.Errorf("not valid now, by its %s", name)
		}
	}
	return nil
}

// text is a claim that must be a string where it is given.
func text(claims map[string]json.RawMessage, name string) (*string, error) {
	claim, given := claims[name]
	if !given {
		return nil, nil
	}
	var value *string
	if err := json.Unmarshal(claim, &value); err != nil {
		return nil, fmt.Errorf("%s is not a string", name)
	}
	return value, nil
}

func audience(claim json.RawMessage) (list []string, err error) {
	if claim == nil || string(claim) == "null" {
		return nil, nil
	}
	var one string
	if json.Unmarshal(claim, &one) == nil {
		return []string{one}, nil
	}
	err = json.Unmarshal(claim, &list)
	return list, err
}
