/// What a file is written in, as far as rules treat it differently.
enum Language: Hashable, Sendable {
  case swift, rust, go, python, script, java, kotlin, scala, csharp, ruby, php, c, dart, elixir, shell, perl, lua, sql
  case style, template, markup, yaml, toml, json, hcl, ini, other

  private static let bySuffix: [String: Language] = {
    let lists: [(Language, String)] = [
      (.swift, "swift"), (.rust, "rs"), (.go, "go"), (.python, "py pyi pyx ipynb"),
      (.script, "js jsx ts tsx mjs cjs mts cts vue svelte astro coffee"), (.java, "java"), (.kotlin, "kt kts"),
      (.scala, "scala sc groovy gradle clj cljs"), (.csharp, "cs fs vb cshtml razor"),
      (.ruby, "rb rake gemspec ru podspec builder jbuilder"),
      (.php, "php phtml inc"), (.c, "c h cc cpp cxx hpp hh hxx m mm ino cu metal"),
      (.dart, "dart zig nim d v hs elm ml mli"),
      (.elixir, "ex exs erl hrl"), (.shell, "sh bash zsh ksh fish bats ps1 psm1 bat cmd awk"),
      (.perl, "pl pm t r jl tcl"),
      (.lua, "lua"), (.sql, "sql"), (.style, "css scss sass less styl pcss postcss"),
      (.template, "html htm xhtml erb haml slim ejs hbs mustache twig jinja jinja2 j2 tmpl gohtml liquid pug njk"),
      (.markup, "xml xsd plist storyboard xib resx xaml csproj fsproj vbproj props targets nuspec xcscheme xcprivacy"),
      (.yaml, "yaml yml"),
      (.toml, "toml"), (.json, "json jsonc json5 webmanifest xctestplan"), (.hcl, "tf tfvars hcl bicep"),
      (.ini, "ini cfg conf properties env editorconfig service socket timer nix cmake mk bzl"),
    ]
    var table: [String: Language] = [:]
    for (language, suffixes) in lists {
      for suffix in suffixes.split(separator: " ") { table[String(suffix)] = language }
    }
    return table
  }()

  /// nil for a kind of file that nobody here knows.
  static func of(suffix: String) -> Language? { bySuffix[suffix] }

  /// Whether a new indentation is a new meaning.
  var isIndented: Bool { self == .python || self == .yaml || self == .shell || self == .template }

  /// Whether a statement may be words with nothing but blanks between them.
  var isWordy: Bool {
    switch self {
    case .ruby, .shell, .perl, .elixir, .lua, .sql, .dart, .scala, .other: true
    default: !isCode
    }
  }

  /// Whether words of identifiers in its lines say what code does.
  var isCode: Bool {
    switch self {
    case .style, .template, .markup, .yaml, .toml, .json, .hcl, .ini, .sql: false
    default: true
    }
  }

  /// Whether a word such as `password` in its lines is about what happens rather than about how something looks.
  var hasTellingWords: Bool { self != .style && self != .template && self != .markup }

  /// What begins a comment that goes to the end of the line.
  var lineComments: [String] {
    switch self {
    case .swift, .rust, .go, .script, .java, .kotlin, .scala, .csharp, .c, .dart, .style, .json: ["//"]
    case .php, .hcl: ["//", "#"]
    case .python, .ruby, .elixir, .shell, .perl, .yaml, .toml: ["#"]
    case .lua, .sql: ["--"]
    case .ini: ["#", ";"]
    case .template, .markup, .other: []
    }
  }

  var blockComment: (open: String, close: String)? {
    switch self {
    case .swift, .rust, .go, .script, .java, .kotlin, .scala, .csharp, .c, .dart, .style, .php, .hcl, .sql: ("/*", "*/")
    case .template, .markup: ("<!--", "-->")
    default: nil
    }
  }
}
