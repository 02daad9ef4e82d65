import OrchConfig
import OrchDiagnostics
import OrchDomain
import OrchFiles
import OrchGit
import OrchProcess
import OrchStore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Looks at everything that work depends on, and changes nothing.
package struct Doctor: Sendable {
  let place: ProjectPlace
  let clock: EngineClock

  package init(place: ProjectPlace, clock: EngineClock = .system) {
    self.place = place
    self.clock = clock
  }

  package func examine() async -> [Finding] {
    let tools = ToolCheck(environment: place.launch.environment)
    var findings = await tools.basics() + [library()]
    findings += await tools.agents(place.loaded.settings) { place.launch.absolute($0) }
    findings += [configuration(), await sandbox()]
    findings += await repository()
    findings += stateDirectory() + [holder()] + handshake() + privacy()
    findings += database() + forge() + notices()
    findings += await leftovers()
    return findings
  }

  private func library() -> Finding {
    do {
      try GitLibraryCheck.load()
      return Finding("libgit2", .ok, "loads")
    } catch {
      return Finding("libgit2", .unavailable, "\(error)")
    }
  }

  private func configuration() -> Finding {
    let errors = place.loaded.diagnostics.count { $0.severity == .error }
    let warnings = place.loaded.diagnostics.count { $0.severity == .warning }
    let file = place.loaded.file.map { place.launch.absolute($0) }
    guard let file else {
      return Finding("configuration", .note, "no file, so defaults hold; `claude-orch onboard` writes one")
    }
    if errors > 0 { return Finding("configuration", .error, "\(file) has \(errors) errors, shown above") }
    if warnings > 0 { return Finding("configuration", .warning, "\(file) has \(warnings) warnings, shown above") }
    if place.loaded.settings.verify.provesNothing {
      return Finding("configuration", .warning, "\(file) has no stage in [verify], so nothing is proven")
    }
    return Finding("configuration", .ok, file)
  }

  private func sandbox() async -> Finding {
    let environment = place.launch.environment
    do {
      let settings = try place.loaded.settings.sandbox(in: environment)
      switch SandboxVerdict.of(settings, await SandboxHost(environment: environment).availability()) {
      case .on(let program):
        let way = program.usesUserNamespace ? "" : ", without a user namespace"
        return Finding("sandbox", .ok, "\(program.path) works\(way); network: \(settings.network.rawValue)")
      case .off(let notice):
        return Finding("sandbox", .warning, notice ?? "switched off: agents may do all that you may do")
      case .refused(let reason): return Finding("sandbox", .unavailable, reason)
      }
    } catch {
      return Finding("sandbox", .error, "\(error)")
    }
  }

  private func repository() async -> [Finding] {
    do {
      let repository = try await GitRepository.open(
        place.root, options: GitOptions(environment: place.launch.environment, ownedDirectories: []))
      var findings = [
        Finding("repository", .ok, place.root + (repository.location.isBare ? ", bare" : ""))
      ]
      findings.append(try await baseBranch(repository))
      if !repository.disabledFilters.isEmpty {
        let names = repository.disabledFilters.joined(separator: ", ")
        findings.append(
          Finding(
            "filters", .note,
            "only the repository's own configuration defines \(names), so it does not run; define it globally to "
              + "trust it"
          ))
      }
      return findings
    } catch {
      return [Finding("repository", .unavailable, "\(error)")]
    }
  }

  private func baseBranch(_ repository: GitRepository) async throws -> Finding {
    let configured = place.loaded.settings.general.baseBranch
    let found = try await repository.defaultBranch()
    guard let name = configured ?? found else {
      return Finding("base branch", .error, "there is no branch yet; commit something, or set [general] base_branch")
    }
    guard let commit = try await repository.commitID(ofRef: "refs/heads/\(name)") else {
      return Finding("base branch", .error, "'\(name)' has no commit; commit something, or set [general] base_branch")
    }
    return Finding("base branch", .ok, "\(name) at \(commit.prefix(12))" + (configured == nil ? ", found" : ""))
  }

  private func stateDirectory() -> [Finding] {
    let home = place.paths.home
    var status = stat()
    guard stat(home, &status) == 0 else {
      return [Finding("state", .note, "\(home) is not there yet; the first command that needs it makes it")]
    }
    guard access(home, W_OK | X_OK) == 0 else {
      return [Finding("state", .error, "\(home) cannot be written; run: chmod u+rwx '\(home)'")]
    }
    var findings: [Finding] = []
    if status.st_mode & 0o077 != 0 {
      findings.append(Finding("state", .warning, "others can look into \(home); run: chmod go-rwx '\(home)'"))
    }
    do {
      let census = try FileTree.census(of: home, suffix: AtomicFile.temporarySuffix, skipping: ["worktrees"])
      findings.append(
        Finding(
          "state", .ok,
          "\(home), \(Self.megabytes(census.bytes)) in \(census.isCut ? "over " : "")\(census.files.counted("file")) "
            + "besides worktrees"
        )
      )
      findings += unfinished(census.unfinished)
      let plans = "\(place.root)/\(place.loaded.settings.plans.dir)"
      findings += unfinished(try FileTree.census(of: plans, suffix: AtomicFile.temporarySuffix).unfinished)
    } catch {
      findings.append(Finding("state", .warning, "\(error)"))
    }
    return findings + freeSpace(home)
  }

  private func freeSpace(_ path: String) -> [Finding] {
    guard let free = FileTree.freeSpace(path), free < ByteCount(1_000_000_000) else { return [] }
    return [Finding("disk", .warning, "only \(free.shown) are free at \(path)")]
  }

  private func unfinished(_ files: [String]) -> [Finding] {
    guard let first = files.first else { return [] }
    return [
      Finding(
        "unfinished files", .warning,
        "\(files.count) files that were never finished, such as \(first); when nothing runs, delete them")
    ]
  }

  private func holder() -> Finding {
    do {
      let holder = try ProjectLock.holder(place.paths)
      return Finding("lock", .ok, holder.map { "held by \($0)" } ?? "free")
    } catch {
      return Finding("lock", .error, "\(error)")
    }
  }

  private func database() -> [Finding] {
    do {
      let store = try Store(path: place.paths.database, access: .readOnly)
      let version = try store.sqliteVersion()
      var findings = [
        Finding("database", .ok, "\(place.paths.database), schema \(Store.schemaVersion), SQLite \(version)")
      ]
      findings += try store.damage().prefix(5).map { Finding("database", .error, "damaged: \($0)") }
      guard let project = try store.project(root: place.root) else {
        return findings + [Finding("project", .note, "it is not in the database yet; run `claude-orch sync`")]
      }
      switch try store.verifyChain(project.id) {
      case .intact(let events, let dropped):
        let gone = dropped > 0 ? "; \(dropped) older ones were taken away" : ""
        findings.append(Finding("event log", .ok, "\(events.counted("event")), none changed\(gone)"))
      case .broken(let seq, let reason):
        let place = seq.map { "event \($0): " } ?? ""
        findings.append(Finding("event log", .error, "somebody changed it: \(place)\(reason)"))
      }
      return findings
    } catch StoreError.missing {
      return [Finding("database", .note, "\(place.paths.database) is not there yet; `claude-orch sync` makes it")]
    } catch {
      return [Finding("database", .error, "\(error)")]
    }
  }

  private static func megabytes(_ bytes: Int64) -> String {
    bytes < 10 << 20 ? "\(bytes / 1024) kB" : "\(bytes >> 20) MB"
  }
}
