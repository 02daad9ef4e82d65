import OrchConfig
import OrchDomain
import OrchEngine
import OrchHTTP
import OrchStore

// Batches, money, agents, settings and health of a project.
extension API {
  var moreRoutes: [HTTPRoute] {
    [
      HTTPRoute(
        .get, "\(Self.one)/batches", "batches", "The runs of batches, newest first",
        answer: Schema.object([("batches", Schema.list(Schema.anything))])
      ) { call in
        let view = try await project(call).view
        let history = try view.look { tx in try tx.batches(limit: 100) }
        return .json(BatchText.json(history))
      },
      HTTPRoute(
        .get, "\(Self.one)/schedule", "schedule", "The batches of schedule.toml with their next times",
        answer: Schema.object([("file", Schema.maybe("string")), ("batches", Schema.list(Schema.anything))])
      ) { call in
        let view = try await project(call).view
        let history = try view.look { tx in try tx.batches(limit: 1000) }
        return .json(
          BatchOverview(schedule: try BatchSchedule.load(view.place), history: history, now: clock.now()).json)
      },
      HTTPRoute(
        .get, "\(Self.one)/budgets", "budgets", "What the limits leave",
        answer: Schema.object([("limits", Schema.list(Schema.anything))])
      ) { call in
        let report = try Report.read(try await project(call).view, since: nil, clock: clock)
        return .json(.object([.init("limits", report.json(now: clock.now())["limits"] ?? .array([]))]))
      },
      HTTPRoute(
        .get, "\(Self.one)/report", "report", "What work has cost, what limits leave, and what waits for whom",
        answer: Schema.object([("total", Schema.anything), ("tasks", Schema.list(Schema.anything))])
      ) { call in .json(try Report.read(try await project(call).view, since: nil, clock: clock).json(now: clock.now()))
      },
      HTTPRoute(
        .get, "\(Self.one)/agents", "agents", "Every adapter and every configured agent",
        answer: Schema.object([("agents", Schema.list(Schema.anything))])
      ) { call in
        let place = try await project(call).view.place
        let inventory = AgentInventory(environment: place.launch.environment, settings: place.loaded.settings) {
          place.launch.absolute($0)
        }
        return .json(.object([.init("agents", .array(await inventory.all().map(\.json)))]))
      },
      HTTPRoute(
        .get, "\(Self.one)/config", "config", "The effective settings and where each comes from",
        answer: Schema.object([("settings", Schema.list(Schema.anything))])
      ) { call in
        let place = try await project(call).view.place
        return .json(
          .object([.init("settings", DoctorCommand.json(place.loaded.effectiveValues(paths: place.config)))]))
      },
      HTTPRoute(
        .get, "\(Self.one)/doctor", "doctor", "A look at everything that work depends on",
        answer: Schema.object([("findings", Schema.list(Schema.anything)), ("settings", Schema.list(Schema.anything))])
      ) { call in
        let place = try await project(call).view.place
        let findings = await Doctor(place: place).examine()
        return .json(DoctorCommand.json(findings, place.loaded.effectiveValues(paths: place.config)))
      },
    ]
  }
}
