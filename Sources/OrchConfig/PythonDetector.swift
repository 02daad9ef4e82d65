/// Detects Python projects, their environment and their tests.
enum PythonDetector {
  /// A tool that makes an environment from a lock file, and runs commands in it.
  private struct Tool {
    var file: String
    var name: String
    var setup: String
    /// Goes before a command.
    var prefix: String
  }

  private static let tools = [
    Tool(file: "uv.lock", name: "uv", setup: "uv sync", prefix: "uv run "),
    Tool(file: "poetry.lock", name: "poetry", setup: "poetry install", prefix: "poetry run "),
    Tool(file: "pdm.lock", name: "pdm", setup: "pdm install", prefix: "pdm run "),
    Tool(file: "Pipfile", name: "pipenv", setup: "pipenv install --dev", prefix: "pipenv run "),
  ]

  private static let requirements = [
    "requirements.txt", "requirements-dev.txt", "requirements_dev.txt", "dev-requirements.txt",
    "requirements-test.txt", "test-requirements.txt",
  ]

  static func detect(_ project: ProjectListing) -> DetectedFramework? {
    let signs = ["pyproject.toml", "setup.py", "setup.cfg", "tox.ini", "pytest.ini", "Pipfile"] + requirements
    guard let sign = project.first(of: signs) else { return nil }
    var result = make(project)
    if let kind = kind(project) { result.name = result.name.replacing("Python", with: kind) }
    result.because = [sign] + project.present(tools.map(\.file) + ["manage.py"]).filter { $0 != sign }
    return result
  }

  /// The web framework that the project names among its requirements.
  private static func kind(_ project: ProjectListing) -> String? {
    let files = ["pyproject.toml", "Pipfile", "setup.cfg", "setup.py"] + requirements
    return ["Django", "Flask", "FastAPI"].first { name in files.contains { project.file($0, contains: name) } }
  }

  private static func make(_ project: ProjectListing) -> DetectedFramework {
    if let tool = tools.first(where: { project.has($0.file) }) {
      var result = DetectedFramework("Python (\(tool.name))", setup: [tool.setup])
      if project.file("pyproject.toml", contains: "[tool.ruff") { result.lint.append(tool.prefix + "ruff check .") }
      if let command = testCommand(project) {
        result.verify.append(tool.prefix + (command == "pytest" ? command : python(command)))
      }
      return result
    }
    if project.has("tox.ini") || project.file("pyproject.toml", contains: "[tool.tox") {
      return DetectedFramework("Python (tox)", verify: ["tox"])
    }
    guard let command = testCommand(project) else { return DetectedFramework("Python") }
    return plain(project, command)
  }

  /// An environment of the worktree's own. A shared one would hold the main checkout's code, and test that instead.
  private static func plain(_ project: ProjectListing, _ command: String) -> DetectedFramework {
    var packages = requirements.filter(project.has).map { "-r \($0)" }
    let isInstallable =
      project.has("setup.py") || project.file("pyproject.toml", contains: "[build-system]")
      || project.file("pyproject.toml", contains: "[project]")
    if isInstallable { packages.append("-e .") }
    if command == "pytest" { packages.append("pytest") }
    var result = DetectedFramework("Python (venv)", verify: [".venv/bin/\(python(command))"])
    // Git must not see the environment, whatever the project ignores.
    result.setup = ["python3 -m venv .venv && echo '*' > .venv/.gitignore"]
    if !packages.isEmpty { result.setup.append(".venv/bin/pip install --quiet \(packages.joined(separator: " "))") }
    return result
  }

  /// The command for what ``testCommand(_:)`` gives: a module, but for Django's own program.
  private static func python(_ command: String) -> String {
    command == "manage test" ? "python manage.py test" : "python -m \(command)"
  }

  /// What follows `python -m`; nil when nothing speaks of tests.
  private static func testCommand(_ project: ProjectListing) -> String? {
    let mentions = ["pyproject.toml", "setup.cfg", "setup.py", "Pipfile", "tox.ini"] + requirements
    if project.has("pytest.ini") || project.has("conftest.py")
      || mentions.contains(where: { project.file($0, contains: "pytest") })
    {
      return "pytest"
    }
    if project.has("manage.py") { return "manage test" }
    if let directory = project.first(of: ["tests", "test"]) { return "unittest discover -s \(directory)" }
    return nil
  }
}
