/// Schemas that are declared or changed in code, in the words of the common frameworks.
enum SchemaInCode {
  private static let patterns: [Language: PatternTable] = {
    let lists: [(Language, [String])] = [
      (
        .python,
        [
          "models.charfield(", "models.textfield(", "models.integerfield(", "models.booleanfield(",
          "models.datetimefield(", "models.datefield(",
          "models.foreignkey(", "models.manytomanyfield(", "models.onetoonefield(", "models.decimalfield(",
          "models.jsonfield(", "models.uuidfield(",
          "models.autofield(", "models.bigautofield(", "models.emailfield(", "models.urlfield(", "models.slugfield(",
          "models.filefield(",
          "models.imagefield(", "models.floatfield(", "models.bigintegerfield(", "models.smallintegerfield(",
          "models.positiveintegerfield(",
          "models.positivesmallintegerfield(", "models.durationfield(", "models.index(", "models.uniqueconstraint(",
          "models.checkconstraint(", "unique_together=",
          "mapped_column(", "db.column(", "sa.column(", "op.add_column", "op.drop_column", "op.create_table",
          "op.drop_table", "op.alter_column", "migrations.addfield",
          "migrations.removefield", "migrations.createmodel", "migrations.runpython", "create_all(",
        ]
      ),
      (
        .ruby,
        [
          "create_table", "drop_table", "add_column", "remove_column", "rename_column", "change_column", "add_index",
          "remove_index", "add_reference", "rename_table",
          "add_foreign_key", "change_table", "t.string", "t.integer", "t.boolean", "t.references", "t.datetime",
          "t.text", "t.bigint", "t.jsonb", "remove_columns",
        ]
      ),
      (.php, ["schema::", "$table->", "@orm\\column", "#[orm\\", "dropcolumn(", "addsql("]),
      (
        .script,
        [
          "createtable('", "createtable(\"", "altertable('", "altertable(\"", "droptable('", "droptable(\"",
          "addcolumn('", "addcolumn(\"", "dropcolumn('", "dropcolumn(\"",
          "@column(", "@primarygeneratedcolumn", "@primarycolumn", "@entity(", "@onetomany(", "@manytoone(",
          "@joincolumn(", "sequelize.define(", "datatypes.",
          "pgtable(", "sqlitetable(", "mysqltable(", "mongoose.schema(", "new schema({", "queryinterface.",
          "table.string(", "table.integer(", "table.increments(",
          "createindex({", "ensureindex(",
        ]
      ),
      (.go, ["automigrate(", "gorm:\"", "bun:\"", ".createtable(", ".addcolumn(", ".dropcolumn("]),
      (
        .java,
        [
          "@column", "@entity", "@table(", "@joincolumn", "@manytoone", "@onetomany", "@database(", "@columninfo",
          "@primarykey",
        ]
      ),
      (
        .kotlin,
        [
          "@column", "@entity", "@table(", "@joincolumn", "@manytoone", "@onetomany", "@database(", "@columninfo",
          "@primarykey", "schemautils.",
        ]
      ),
      (
        .csharp,
        [
          "migrationbuilder.", "dbset<", "modelbuilder.", "hascolumnname(", "[column(", "[table(", "[foreignkey(",
          "hasindex(",
        ]
      ),
      (.rust, ["table!{", "deriveentitymodel", "add_column(", "drop_column(", "table::create()", "table::alter()"]),
      (
        .swift,
        [
          "create(table:", "alter(table:", "drop(table:", "rename(table:", "t.column(", "t.add(column:",
          "registermigration(", ".schema(\"", "@field(key:", "@parent(key:",
          "@optionalfield(key:", "schemaversion(", "versionedschema", ".deletefield(", "create(index:",
        ]
      ),
      (.elixir, ["create table(", "alter table(", "drop table(", "create index(", "create unique_index("]),
    ]
    return Dictionary(
      lists.map { language, texts in
        (language, PatternTable(texts.map { Pattern($0, .migrationModel, left: .boundary) }))
      },
      uniquingKeysWith: { first, _ in first })
  }()

  /// The place of such a declaration in a line without its blanks.
  static func find(in bytes: [UInt8], _ language: Language) -> Int? {
    patterns[language]?.matches(in: bytes).first?.position
  }
}
