package config

import (
	"fmt"
	"math"
	"slices"
)

// table is one table of the file. Keys are compared to the letter, and values are taken only in their own type.
type table struct {
	name   string
	values map[string]any
}

func (t table) at(key string) string {
	if t.name == "" {
		return key
	}
	return t.name + "." + key
}

// optional is the value of a key; given says whether the file has one.
func optional[T any](t table, key string) (value T, given bool, err error) {
	found, given := t.values[key]
	if !given {
		return value, false, nil
	}
	value, right := found.(T)
	if !right {
		return value, true, fmt.Errorf("invalid type for `%s`: expected %T", t.at(key), value)
	}
	return value, true, nil
}

func withDefault[T any](t table, key string, otherwise T) (T, error) {
	value, given, err := optional[T](t, key)
	if !given {
		return otherwise, err
	}
	return value, err
}

func required[T any](t table, key string) (T, error) {
	value, given, err := optional[T](t, key)
	if err == nil && !given {
		err = fmt.Errorf("missing field `%s`", t.at(key))
	}
	return value, err
}

// size is a whole number from 0.
func size(number int64, t table, key string) (int64, error) {
	if number < 0 {
		return 0, fmt.Errorf("invalid value for `%s`: %d, expected usize", t.at(key), number)
	}
	return number, nil
}

func requiredSize(t table, key string) (int64, error) {
	number, err := required[int64](t, key)
	if err != nil {
		return 0, err
	}
	return size(number, t, key)
}

func stringList(t table, key string) (list []string, given bool, err error) {
	values, given, err := optional[[]any](t, key)
	list = []string{}
	for _, value := range values {
		text, right := value.(string)
		if !right {
			return nil, given, fmt.Errorf("invalid type in `%s`: expected a string", t.at(key))
		}
		list = append(list, text)
	}
	return list, given, err
}

func (t table) sub(key string) (table, bool, error) {
	values, given, err := optional[map[string]any](t, key)
	return table{name: t.at(key), values: values}, given, err
}

func (t table) requiredSub(key string) (table, error) {
	found, given, err := t.sub(key)
	if err == nil && !given {
		err = fmt.Errorf("missing field `%s`", t.at(key))
	}
	return found, err
}

// only refuses keys that are not among those known.
func (t table) only(known ...string) error {
	for key := range t.values {
		if !slices.Contains(known, key) {
			return fmt.Errorf("unknown field `%s`", t.at(key))
		}
	}
	return nil
}

func int32Of(number int64, t table, key string) (int32, error) {
	if number < math.MinInt32 || number > math.MaxInt32 {
		return 0, fmt.Errorf("invalid value for `%s`: %d, expected i32", t.at(key), number)
	}
	return int32(number), nil
}
