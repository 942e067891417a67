package api

import (
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

// encoded is an answer that is JSON already, as caches keep it.
type encoded struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

func answer(text []byte, err error) (*encoded, error) {
	if err != nil {
		return nil, problemOf(err)
	}
	return &encoded{ContentType: "application/json", Body: text}, nil
}

// describedAs says what an encoded answer is the JSON of.
func describedAs[T any](a huma.API, o huma.Operation) huma.Operation {
	schema := a.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[T](), true, "")
	o.Responses = map[string]*huma.Response{"200": {
		Description: http.StatusText(http.StatusOK),
		Content:     map[string]*huma.MediaType{"application/json": {Schema: schema}},
	}}
	return o
}
