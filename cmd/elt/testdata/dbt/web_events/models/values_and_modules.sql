{%- set parsed = fromjson('{"a": [1, 2, {"b": null}], "c": 1.50}') -%}
{%- set yaml = fromyaml("list:\n  - 1\n  - two\nflag: true") -%}
{%- set day = modules.datetime.date(2024, 2, 28) + modules.datetime.timedelta(days=2) -%}
{%- set matched = modules.re.match('(\w+)_(\d+)', 'order_42') -%}
select '{{ tojson(parsed) }}' as json_text,
    '{{ tojson({"b": 1, "a": 2}, sort_keys=true) }}' as sorted_json,
    '{{ yaml.list[1] }} {{ yaml["flag"] }}' as yaml,
    '{{ day.isoformat() }} {{ day.strftime("%d.%m.%y") }} {{ day.weekday() }}' as day,
    '{{ modules.datetime.datetime.strptime("2024-05-06 07:08", "%Y-%m-%d %H:%M") }}' as parsed_time,
    '{{ matched.group(1) }} {{ matched.groups() | length }} {{ modules.re.sub("[aeiou]", "_", "conversion") }}' as matched,
    '{{ modules.re.findall("\d+", "a1b22") | join(",") }}' as found,
    '{{ set([1, 2, 2]) | length }} {{ set_strict([3]) | length }} {{ zip([1, 2], [3, 4]) | list | length }}' as sets,
    '{{ "%s-%03d" | format("x", 7) }} {{ "%.2f" % 1.005 }} {{ 7 // 2 }} {{ 7 % 3 }} {{ 2 ** 5 }} {{ 7 / 2 }}' as formats,
    '{{ range(0, 10, 3) | list }} {{ [1, 2, 3][1:] }} {{ "abc"[::-1] }}' as ranges,
    '{{ "Some Text" | lower | replace(" ", "_") | truncate(6, true, "") }} {{ " x " | trim }} {{ "a,b".split(",")[-1] }}' as texts,
    '{{ [3, 1, 2] | sort(reverse=true) | join }} {{ [1, 2, 3] | sum }} {{ [1, 2, 3, 4] | batch(2) | list | length }}' as lists,
    '{{ {"a": 1}.get("z", "none") }} {{ {"b": 2, "a": 1} | dictsort | first | first }} {{ "a" in {"a": 1} }}' as dicts,
    '{{ none is none }} {{ nosuch is defined }} {{ 1 is odd }} {{ "x" is string }} {{ [] is iterable }} {{ {} is mapping }}' as tests,
    '{{ "yes" if [] else "no" }} {{ 1 < 2 < 3 }} {{ not (1 == 1.0) }} {{ none or "default" }} {{ nosuch | default("d") }}' as logic,
    '{{ [{"k": "x", "v": 1}, {"k": "y", "v": 2}, {"k": "x", "v": 3}] | groupby("k") | map("first") | join(",") }}' as groups,
    '{{ "it''s" | replace("''", "") }} {{ "a" ~ 1 ~ none }} {{ true }} {{ 1e3 }} {{ 10 | float }} {{ "7" | int + 1 }}' as casts,
    '{{ local_md5("web") }}' as md5,
    '{% raw %}{{ not rendered }}{% endraw %}' as raw_text,
    '{{ modules.itertools.chain([1], [2]) | list }}' as chained,
    '{{ modules.pytz.timezone("Europe/Berlin") }}' as zone
