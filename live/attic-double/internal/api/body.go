package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
)

// mostBody is how long a body in JSON may be, in bytes.
const mostBody = 2 << 20

// object is a JSON object whose values are not read yet. Names are compared to the letter.
type object map[string]json.RawMessage

// bodyOf reads a request's body, or is what the real server's framework answers to one that it cannot read.
func bodyOf(r *http.Request) (object, error) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "application/json" && !(strings.HasPrefix(kind, "application/") && strings.HasSuffix(kind, "+json")) {
		return nil, plainText{415, "Expected request with `Content-Type: application/json`"}
	}
	text, err := io.ReadAll(io.LimitReader(r.Body, mostBody+1))
	if err != nil {
		return nil, plainText{400, "Failed to buffer the request body: " + err.Error()}
	}
	if len(text) > mostBody {
		return nil, plainText{413, "Failed to buffer the request body: length limit exceeded"}
	}
	if !json.Valid(text) {
		var any any
		return nil, plainText{400, fmt.Sprintf("Failed to parse the request body as JSON: %v", json.Unmarshal(text, &any))}
	}
	var found object
	if err := json.Unmarshal(text, &found); err != nil || found == nil {
		return nil, mismatch(errors.New("expected an object"))
	}
	return found, nil
}

// mismatch is about JSON that is not of the type that was wanted.
func mismatch(err error) error {
	if errors.Is(err, errNoChoice) {
		return plainText{400, "Failed to parse the request body as JSON: " + err.Error()}
	}
	return plainText{422, "Failed to deserialize the JSON body into the target type: " + err.Error()}
}

func isNull(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }

// must is a value that has to be there.
func must[T any](o object, name string) (value T, err error) {
	raw, given := o[name]
	switch {
	case !given:
		return value, fmt.Errorf("missing field `%s`", name)
	case isNull(raw) && !readsNull(&value):
		return value, fmt.Errorf("%s: invalid type: null", name)
	}
	if err = json.Unmarshal(raw, &value); err != nil {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return value, err
}

// readsNull says whether a type has words of its own for null.
func readsNull(value any) bool {
	_, reads := value.(json.Unmarshaler)
	return reads
}

// may is a value that can be left out, or null.
func may[T any](o object, name string) (*T, error) {
	if isNull(o[name]) {
		return nil, nil
	}
	value, err := must[T](o, name)
	return &value, err
}

// names is a list of strings; Go would take null for an empty one.
type names []string

func (n *names) UnmarshalJSON(text []byte) error {
	var list []*string
	if err := json.Unmarshal(text, &list); err != nil {
		return err
	}
	if list == nil {
		return errors.New("invalid type: null, expected a sequence")
	}
	*n = names{}
	for _, each := range list {
		if each == nil {
			return errors.New("invalid type: null, expected a string")
		}
		*n = append(*n, *each)
	}
	return nil
}

// errNoChoice is what the real server's reader of JSON counts as a mistake of the JSON, not of its type.
var errNoChoice = errors.New("expected value")

// variant reads "Name", or {"Name": content}, as the server writes its choices.
func variant(text []byte) (name string, content json.RawMessage, err error) {
	if !isNull(text) && json.Unmarshal(text, &name) == nil {
		return name, nil, nil
	}
	var found object
	if err := json.Unmarshal(text, &found); err != nil || len(found) != 1 {
		return "", nil, errNoChoice
	}
	for name, content = range found {
	}
	return name, content, nil
}
