// What a custom action finds as $.util. Names, parameters and defaults: Field Nation help, custom actions.
// Where the help is silent, the choice is ours and said above the helper. "Empty" means null or ''.

local isEmpty(value) = value == null || value == '';

local has(object, name) = std.isObject(object) && std.isString(name) && std.objectHasAll(object, name);

local isIndex(text) =
  std.length(text) > 0 && std.length(text) <= 6 && std.all([c >= '0' && c <= '9' for c in std.stringChars(text)]);

// A list, or the list that Field Nation wraps as {results: [...]}; anything else has no elements.
local elements(value) =
  if std.isArray(value) then value
  else if has(value, 'results') && std.isArray(value.results) then value.results
  else [];

local at(rows, text) =
  local index = std.parseInt(text);
  if index < std.length(rows) then rows[index];

// The connector's examples say pay.expense.results, the vendor's records pay.expenses.results.
local otherwise = { expense: 'expenses', expenses: 'expense' };

local step(here, name) =
  if has(here, name) then here[name]
  else if isIndex(name) then at(elements(here), name)
  // The lists of a work order stand without the vendor's wrapping in the document of mappings.
  else if name == 'results' && std.isArray(here) then here
  else if has(otherwise, name) && has(here, otherwise[name]) then here[otherwise[name]];

local segments(path) =
  [part for part in std.split(std.strReplace(std.strReplace(path, '[', '.'), ']', ''), '.') if part != ''];

local withoutRoot(object, parts) =
  if std.length(parts) > 1 && parts[0] == 'workorder' && !has(object, 'workorder') then parts[1:] else parts;

local read(object, path) =
  local parts = withoutRoot(object, segments(path));
  if parts != [] then std.foldl(step, parts, object);

// Two values of a mapping are the same as in array_map: null equals '', and 1 and '1' differ.
local same(left, right) = left == right || (isEmpty(left) && isEmpty(right));

// Written out, without the functions above: there may be hundreds of fields.
local customFields(object) =
  local holder = if has(object, 'custom_fields') then object.custom_fields else object;
  [
    field
    for group in elements(holder) + (if has(holder, 'internal') then [holder.internal] else [])
    if std.isObject(group)
    for field in if 'results' in group then elements(group) else [group]
    if std.isObject(field) && 'id' in field
  ];

// What goes to Python must be data: the binding falls over a function.
local data(value) = if std.isFunction(value) then error 'a function where a value is expected' else value;

local number(value) =
  if std.isNumber(value) then value
  else if std.isString(value) then std.native('number')(value);

{
  // A nested value, such as 'contacts[0].email'. The default stands for what is missing or null; '' and [] are values.
  // An index also counts into {results: [...]}, and a root `workorder.` may stand before the path.
  lookup_field(obj, path, default=null, raw=false)::
    local found =
      if !std.isString(path) then null
      else if raw then (if has(obj, path) then obj[path])
      else read(obj, path);
    if found == null then default else found,

  // The value of a custom field by its number, out of a work order, its `custom_fields`, its groups or a plain list of
  // fields. The default also stands for '': that is how Field Nation says that nothing was filled in.
  lookup_custom_field(id, obj, default='')::
    local text = std.toString(id);
    local digits = if number(id) == null then text else number(id);
    local found =
      if isEmpty(id) then []
      else [field.value for field in customFields(obj) if (field.id == digits || field.id == text) && 'value' in field];
    if found == [] || isEmpty(found[0]) then default else found[0],

  // The `val` of the first {cmp, val} whose `cmp` is the value.
  array_map(defs, val, default=null)::
    local hits = [def for def in elements(defs) if has(def, 'cmp') && same(def.cmp, val)];
    if hits == [] then default else std.get(hits[0], 'val'),

  // The `val` of the smallest `cmp` that is not below the value, whatever the order of the list. Numbers in texts count.
  range_map(defs, val, default=null)::
    local wanted = number(val);
    local hits =
      if wanted == null then []
      else [def for def in elements(defs) if has(def, 'cmp') && number(def.cmp) != null && wanted <= number(def.cmp)];
    local nearest(best, def) = if number(def.cmp) < number(best.cmp) then def else best;
    if hits == [] then default else std.get(std.foldl(nearest, hits[1:], hits[0]), 'val'),

  // As the date_convert action. '' for no date, and for one that cannot be read, with the reason in the trace.
  date_convert(value, in_fmt, out_fmt, tz_in='UTC', tz_out='UTC')::
    std.native('date_convert')(data(value), data(in_fmt), data(out_fmt), data(tz_in), data(tz_out)),

  date_time_format_fn_utc():: 'YYYY-MM-DD HH:mm:ss',

  // One day later, written in in_fmt; without it, as both systems write dates, in the way the value was written (UTC).
  date_add(value, in_fmt='')::
    std.native('date_add')(data(value), data(in_fmt)),

  // Exact for decimals. Null and '' add nothing; what is no number is an error, because a wrong sum is worse.
  array_sum(arr)::
    std.native('sum')(if has(arr, 'results') then elements(arr) else data(arr)),

  // [{srcPath: value}] -> [{dstName: value}]; null where an element has nothing at the path.
  object_map_array(arr, mapping)::
    [
      { [mapping[path]]: $.lookup_field(element, path, null) for path in std.objectFields(mapping) }
      for element in elements(arr)
    ],

  // One value for each element.
  results_values(results, field, default='', raw=false)::
    [$.lookup_field(row, field, default, raw) for row in elements(results)],

  // The same, each value once, in the order of its first appearance.
  results_values_unique(results, field, default='', raw=false)::
    local add(seen, value) = if std.member(seen, value) then seen else seen + [value];
    std.foldl(add, $.results_values(results, field, default, raw), []),

  // {value as text: [elements]}, of the elements for which the filter is true; '' collects those without a value.
  results_group_by(results, field, filterFn=null, raw=false)::
    local rows = [row for row in elements(results) if filterFn == null || filterFn(row) == true];
    local key(row) = std.toString($.lookup_field(row, field, '', raw));
    local keyed = [{ key: key(row), row: row } for row in rows];
    { [name]: [one.row for one in keyed if one.key == name] for name in std.set([one.key for one in keyed]) },

  // Field Nation's word in the data is `approved`; a status may also come as an object with a name.
  is_expense_approved_fn(expense)::
    local status = $.lookup_field(expense, 'status', '');
    local word = if std.isObject(status) then $.lookup_field(status, 'name', '') else status;
    std.isString(word) && std.asciiLower(word) == 'approved',

  // Over a list of expenses or {results: [...]}; exact, and as strict as array_sum.
  sum_expense_field(expenses, field)::
    $.array_sum($.results_values(expenses, field, null)),
}
