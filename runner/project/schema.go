package project

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
)

// draft is the dialect of the schemas.
const draft = "https://json-schema.org/draft/2020-12/schema"

// ProjectSchema is the JSON Schema of project.yaml, made from the tables it is read by.
func ProjectSchema() ([]byte, error) {
	s := projectKeys().Schema("")
	s.Title = FileName
	s.Description = "What an elt project is called, where it builds and how its folders are configured."
	s.Defs = map[string]*jsonschema.Schema{
		"models":    folderSchema(modelConfigKeys(), "models"),
		"seeds":     folderSchema(seedConfigKeys(), "seeds"),
		"snapshots": folderSchema(snapshotConfigKeys(), "snapshots"),
		"sources":   folderSchema(sourceConfigKeys(), "sources"),
		"tests":     folderSchema(testConfigKeys(), "tests"),
		"uses":      folderSchema(useConfigKeys("a unit test or an exposure"), "uses"),
	}
	return render(s)
}

// PropertiesSchema is the JSON Schema of the .yml files beside models and seeds, made from the tables they are read by.
// testArgs are as in Options.
func PropertiesSchema(testArgs map[string][]string) ([]byte, error) {
	s := properties(testArgs).Schema("")
	s.Title = "elt property file"
	s.Defs = testsDefinitions(testArgs)
	s.Description = "Sources, snapshots, unit tests, exposures, groups, and what is said about models and seeds: descriptions, configuration, columns, data tests."
	return render(s)
}

func render(s *jsonschema.Schema) ([]byte, error) {
	s.Schema = draft
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write schema: %w", err)
	}
	// The encoder escapes what would matter inside HTML, which makes patterns hard to read.
	readable := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(data))
	return []byte(readable + "\n"), nil
}
