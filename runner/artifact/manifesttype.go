package artifact

// The parts of a manifest. Fields are dbt's.
type (
	// commonNode is what nodes and sources share.
	commonNode struct {
		Database     string                    `json:"database"`
		Schema       string                    `json:"schema"`
		Name         string                    `json:"name"`
		ResourceType string                    `json:"resource_type"`
		PackageName  string                    `json:"package_name"`
		Path         string                    `json:"path"`
		OriginalPath string                    `json:"original_file_path"`
		UniqueID     string                    `json:"unique_id"`
		FQN          []string                  `json:"fqn"`
		Description  string                    `json:"description"`
		Columns      map[string]manifestColumn `json:"columns"`
		Meta         map[string]any            `json:"meta"`
		Tags         []string                  `json:"tags"`
		Config       map[string]any            `json:"config"`
		Unrendered   map[string]any            `json:"unrendered_config"` // what was set, and nothing else
		RelationName *string                   `json:"relation_name"`
		PatchPath    *string                   `json:"patch_path"`
		Docs         map[string]any            `json:"docs"`
		DocBlocks    []string                  `json:"doc_blocks"`
	}
	manifestSeed struct {
		commonNode
		Alias     string            `json:"alias"`
		Checksum  map[string]string `json:"checksum"`
		RawCode   string            `json:"raw_code"`
		RootPath  *string           `json:"root_path"`
		Group     *string           `json:"group"`
		DependsOn macroDeps         `json:"depends_on"`
	}
	manifestNode struct {
		commonNode
		Alias        string            `json:"alias"`
		Checksum     map[string]string `json:"checksum"`
		Language     string            `json:"language"`
		RawCode      string            `json:"raw_code"`
		Compiled     bool              `json:"compiled"`
		CompiledCode *string           `json:"compiled_code"`
		Group        *string           `json:"group"`
		Refs         []manifestRef     `json:"refs"`
		Sources      [][]string        `json:"sources"`
		Metrics      [][]string        `json:"metrics"`
		DependsOn    dependsOn         `json:"depends_on"`
		Contract     struct {
			Enforced   bool    `json:"enforced"`
			AliasTypes bool    `json:"alias_types"`
			Checksum   *string `json:"checksum"`
		} `json:"contract"`
	}
	manifestModel struct {
		manifestNode
		Access        string           `json:"access"`
		Version       any              `json:"version"` // a number, a text or nil
		LatestVersion any              `json:"latest_version"`
		Deprecated    *string          `json:"deprecation_date"`
		Constraints   []map[string]any `json:"constraints"`
		PrimaryKey    []string         `json:"primary_key"`
	}
	manifestTest struct {
		manifestNode
		ColumnName   *string       `json:"column_name,omitempty"`
		AttachedNode *string       `json:"attached_node,omitempty"`
		FileKey      *string       `json:"file_key_name,omitempty"`
		TestMetadata *testMetadata `json:"test_metadata,omitempty"` // generic ones
	}
	manifestSource struct {
		commonNode
		SourceName  string         `json:"source_name"`
		About       string         `json:"source_description"`
		Identifier  string         `json:"identifier"`
		Loader      string         `json:"loader"`
		LoadedAt    *string        `json:"loaded_at_field"`
		Freshness   any            `json:"freshness"`
		GivenSchema *string        `json:"unrendered_schema"`
		LoadedBy    *string        `json:"loaded_at_query"`
		SourceMeta  map[string]any `json:"source_meta"`
		Quoting     map[string]any `json:"quoting"`
	}
	manifestColumn struct {
		Name        string           `json:"name"`
		Description string           `json:"description"`
		DataType    *string          `json:"data_type"`
		Quote       *bool            `json:"quote"`
		Constraints []map[string]any `json:"constraints"`
		Meta        map[string]any   `json:"meta"`
		Tags        []string         `json:"tags"`
	}
	manifestRef struct {
		Name    string  `json:"name"`
		Package *string `json:"package"`
		Version any     `json:"version"`
	}
	dependsOn struct {
		Macros []string `json:"macros"`
		Nodes  []string `json:"nodes"`
	}
	macroDeps struct {
		Macros []string `json:"macros"`
	}
	testMetadata struct {
		Name      string         `json:"name"`
		Kwargs    map[string]any `json:"kwargs"`
		Namespace *string        `json:"namespace"`
	}
	manifestMacro struct {
		Name         string         `json:"name"`
		ResourceType string         `json:"resource_type"`
		PackageName  string         `json:"package_name"`
		Path         string         `json:"path"`
		OriginalPath string         `json:"original_file_path"`
		UniqueID     string         `json:"unique_id"`
		MacroSQL     string         `json:"macro_sql"`
		DependsOn    macroDeps      `json:"depends_on"`
		Description  string         `json:"description"`
		Meta         map[string]any `json:"meta"`
		Docs         map[string]any `json:"docs"`
		Arguments    []any          `json:"arguments"`
	}
	manifestDoc struct {
		Name         string `json:"name"`
		ResourceType string `json:"resource_type"`
		PackageName  string `json:"package_name"`
		Path         string `json:"path"`
		OriginalPath string `json:"original_file_path"`
		UniqueID     string `json:"unique_id"`
		Contents     string `json:"block_contents"`
	}
)
