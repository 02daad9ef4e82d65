import OrchConfig
import OrchDomain
import OrchGitHub
import OrchStore

extension Doctor {
  /// How changes get to GitHub, and how often it was asked. Asks nobody.
  func forge() -> [Finding] {
    let settings = place.loaded.settings.forge
    guard settings.kind == .github else { return [] }
    let address: GitHubAddress
    do {
      address = try GitHubAddress(api: settings.apiURL, repository: settings.repo ?? "")
    } catch {
      return [Finding("GitHub", .error, "\(error)")]
    }
    let names = TokenSource.variables(for: address)
    let found = names.first { place.launch.environment[$0]?.isEmpty == false }.map { "$\($0)" }
    let login = found ?? (settings.token != nil ? "[forge] token" : settings.appID != nil ? "a GitHub App" : "gh")
    return [
      Finding("GitHub", .ok, "\(address.repository) on \(address.host), login from \(login)"), requests(),
    ]
  }

  private func requests() -> Finding {
    do {
      let store = try Store(path: place.paths.database, access: .readOnly)
      guard let project = try store.project(root: place.root) else { return Finding("GitHub requests", .ok, "none") }
      let now = clock.now()
      let count = try store.read(project.id) { tx throws(StoreError) in try tx.forgeRequests(at: now) }
      guard let count else { return Finding("GitHub requests", .ok, "none this hour") }
      let left = count.limit.map { "; GitHub leaves \(count.remaining ?? 0) of \($0)" } ?? ""
      return Finding(
        "GitHub requests", .ok,
        "\(count.requests) this hour, \(count.unchanged) of them not changed, \(count.refused) refused, "
          + "\(count.failed) failed\(left)")
    } catch StoreError.missing {
      return Finding("GitHub requests", .ok, "none")
    } catch {
      return Finding("GitHub requests", .warning, "they cannot be read: \(error)")
    }
  }
}
