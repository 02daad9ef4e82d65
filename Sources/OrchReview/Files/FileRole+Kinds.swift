// Roles that decide how the content of a file is read.
extension FileRole {
  /// nil for a kind of file that nobody here knows.
  var language: Language? {
    if let language = Language.of(suffix: suffix) { return language }
    if isShell { return .shell }
    // A template of a program; what is filled in is the smaller part.
    if suffix == "erb", name.hasSuffix(".rb.erb") { return .ruby }
    if isTextTemplate { return .template }
    switch stem {
    case "makefile", "gnumakefile", "justfile", "procfile", "caddyfile", "brewfile", "cmakelists", "codeowners",
      "kconfig":
      return .ini
    case "rakefile", "gemfile", "vagrantfile", "guardfile", "podfile", "fastfile", "appfile", "capfile", "dangerfile":
      return .ruby
    case "jenkinsfile": return .scala
    case "build", "workspace", "tiltfile", "snakefile", "sconstruct", "sconscript": return .python
    default: break
    }
    if name.hasPrefix(".") { return .ini }
    // A text without a suffix; what makes it a program, its mode, is evidence of its own.
    if suffix.isEmpty { return .other }
    return isInterfaceDescription || isDependencies || isBuild || runsInCI ? .ini : nil
  }

  /// A text that a program fills in, and that may be one itself.
  var isTextTemplate: Bool { suffix == "txt" && isBelow(["templates", "template"]) }

  /// Whether a person, or a picture viewer, can make sense of such a file at all.
  var isKnown: Bool { language != nil || isProse || isData || isAsset || isAgentInstruction }

  /// Pictures, fonts and sound: nothing in them runs.
  var isAsset: Bool {
    [
      "png", "jpg", "jpeg", "gif", "webp", "avif", "ico", "icns", "bmp", "svg", "woff", "woff2", "ttf", "otf", "eot",
      "mp3",
      "mp4", "webm", "ogg", "wav", "pdf", "psd", "sketch", "fig", "drawio",
    ].contains(suffix)
  }

  private static let testDirectories: Set<String> = [
    "test", "tests", "spec", "specs", "__tests__", "testing", "testdata", "test-data", "fixtures", "fixture",
    "__mocks__", "mocks",
    "e2e", "cypress", "__snapshots__", "snapshots", "androidtest", "unittest", "unittests", "testfixtures",
  ]

  /// Code that only tests run.
  var isTest: Bool {
    guard !isProse else { return false }
    if isBelow(Self.testDirectories) { return true }
    if components.dropLast().contains(where: { part in
      ["tests", "test", ".tests", ".test", "-tests", "_tests", "uitests"].contains { part.hasSuffix($0) }
        && part.count > 4
        && part != "latest" && part != "contest"
    }) {
      return true
    }
    if name.hasPrefix("test_") || name.hasPrefix("conftest") { return true }
    let main = name.dropLast(suffix.isEmpty ? 0 : suffix.count + 1)
    if ["_test", "_tests", "_spec", ".test", ".tests", ".spec", "-test", "-spec", ".cy", ".e2e"].contains(
      where: main.hasSuffix)
    {
      return true
    }
    guard ["swift", "java", "kt", "cs", "php", "scala", "groovy", "m", "mm"].contains(suffix) else { return false }
    return words.last { $0 != suffix }.map { ["test", "tests", "spec", "testcase"].contains($0) } ?? false
  }

  /// Shown to people in several languages.
  var isTranslation: Bool {
    guard ["json", "yml", "yaml", "properties", "php", "xml", "arb", "strings", "js", "ts"].contains(suffix) else {
      return false
    }
    if isBelow([
      "locale", "locales", "i18n", "l10n", "lang", "langs", "translations", "messages", "localization", "localisation",
    ]) {
      return true
    }
    // `language/mailer.lang-eo.php`, but not `languages/rust.ts` of a highlighter.
    let last = name.dropLast(suffix.count + 1).split { "-_.".contains($0) }.last ?? ""
    return isBelow(["language", "languages"]) && last.count == 2
  }

  /// Made by a program from something else in the repository.
  var isGenerated: Bool {
    name.hasSuffix(".pb.go") || name.hasSuffix("_pb2.py") || name.hasSuffix(".min.js") || name.hasSuffix(".min.css")
      || name.hasSuffix(".js.map") || name.hasSuffix(".css.map") || name.hasSuffix(".g.dart")
      || name.hasSuffix(".generated.swift") || isBelow(["generated", "__generated__"])
  }

  /// Shows how something is used, or measures it; nobody ships it.
  var isExample: Bool {
    isBelow([
      "example", "examples", "sample", "samples", "demo", "demos", "bench", "benches", "benchmark", "benchmarks",
    ])
  }

  private static let infrastructureNames: Set<String> = [
    "nginx.conf", "httpd.conf", ".htaccess", "haproxy.cfg", "caddyfile", "traefik.yml", "traefik.yaml", "vagrantfile",
    "app.yaml",
    "serverless.yml", "serverless.yaml", "fly.toml", "netlify.toml", "vercel.json", "render.yaml", "skaffold.yaml",
    "chart.yaml",
    "values.yaml", "kustomization.yaml", "kustomization.yml", "pulumi.yaml", "cdk.json", "samconfig.toml",
    "firebase.json",
    "firestore.rules", "storage.rules", "cloudformation.yml", "cloudformation.yaml", "ansible.cfg", "wrangler.toml",
    "supervisord.conf",
    "sshd_config", "sudoers", "crontab", "hosts.yml", "app.json", "heroku.yml", ".replit", ".buildpacks",
    "replit.nix",
    ".gitpod.yml",
  ]

  private static let infrastructurePlaces: Set<String> = [
    "k8s", "kubernetes", "helm", "charts", "terraform", "ansible", "playbooks", "infra", "infrastructure", "deploy",
    "deployment",
    "deployments", "manifests", "systemd", "nginx", "puppet", "cloudformation", "pulumi", "ops",
  ]

  /// What a container, a cluster, a proxy or a host is told to do.
  var isInfrastructure: Bool {
    guard !isProse, !isTest, !isTranslation else { return false }
    if isDockerfile || name == ".dockerignore" || language == .hcl { return true }
    if stem.hasSuffix("entrypoint"), isShell || suffix.isEmpty { return true }
    if name.hasPrefix("docker-compose") || name.hasPrefix("compose.") || stem == "procfile" || stem == "caddyfile" {
      return true
    }
    if ["service", "socket", "timer", "tf", "tfstate", "bicep", "nomad"].contains(suffix) { return true }
    if Self.infrastructureNames.contains(name) { return true }
    return isBelow(Self.infrastructurePlaces)
      && ["yaml", "yml", "json", "conf", "cfg", "tpl", "toml", "j2", "sh", "env", "service", "hcl", "ini"].contains(
        suffix)
  }
}
