#include "core/cover.h"

#include "core/base/check.h"
#include "core/base/json_write.h"
#include "core/walk.h"

static const char *const colors[] = {
        "green", "yellow", "orange", "red", "purple", "blue", "sky", "lime", "pink", "black"};

#define COVER_BYTES_MAX 256

static enum err refuse(struct fault *fault, const char *wrong, const char *expected)
{
    return fault_set(fault, ERR_INVALID, "cover", wrong, expected);
}

/* One of two words, or the first when nothing is said. */
static bool read_word(const json_t *tree, const char *key, const char *first, const char *second,
        bool *ret_second)
{
    const json_t *json = json_object_get(tree, key);
    if (json == NULL || json_is_null(json)) return true;
    if (!json_is_string(json)) return false;
    *ret_second = slice_eq(json_slice(json), slice_cstr(second));
    return *ret_second || slice_eq(json_slice(json), slice_cstr(first));
}

static enum err read_color(const json_t *json, struct cover *cover, struct fault *fault)
{
    static const char expected[] =
            "green, yellow, orange, red, purple, blue, sky, lime, pink, black or null";
    if (json == NULL || json_is_null(json)) return ERR_OK;
    for (size_t i = 0; json_is_string(json) && i < ARRAY_COUNT(colors); i++)
        if (slice_eq(json_slice(json), slice_cstr(colors[i]))) cover->color = slice_cstr(colors[i]);
    return cover->color.len > 0 ? ERR_OK : refuse(fault, "has an unknown color", expected);
}

static enum err read_attachment(const json_t *json, struct cover *cover, struct fault *fault)
{
    if (json == NULL || json_is_null(json)) return ERR_OK;
    if (json_is_string(json) && id_parse(json_slice(json), &cover->attachment) &&
            !id_is_none(cover->attachment))
        return ERR_OK;
    return refuse(fault, "has an idAttachment that is no id", "the id of one of the card");
}

static bool given(const json_t *tree, const char *key)
{
    const json_t *json = json_object_get(tree, key);
    return json != NULL && !json_is_null(json);
}

static enum err read_tree(const json_t *tree, struct cover *cover, struct fault *fault)
{
    if (given(tree, "url") || given(tree, "idUploadedBackground"))
        return refuse(fault, "is a picture from elsewhere, which is not kept here",
                "a color, or the idAttachment of a picture on the card");
    enum err err = read_color(json_object_get(tree, "color"), cover, fault);
    if (!err) err = read_attachment(json_object_get(tree, "idAttachment"), cover, fault);
    if (err) return err;
    if (!read_word(tree, "size", "normal", "full", &cover->full))
        return refuse(fault, "has an unknown size", "normal or full");
    if (!read_word(tree, "brightness", "dark", "light", &cover->light))
        return refuse(fault, "has an unknown brightness", "dark or light");
    if (cover->color.len > 0 && !id_is_none(cover->attachment))
        return refuse(fault, "has a color and an attachment", "one of them");
    return ERR_OK;
}

enum err cover_tidy(struct arena *scratch, struct value *value, struct fault *fault)
{
    struct cover cover = {0};
    json_t *tree;
    if (value->type == VALUE_NULL) return ERR_OK;
    enum err err = json_read(
            scratch, value_slice(value).len > 0 ? value_slice(value) : SLICE("{}"), &tree, fault);
    if (!err) err = read_tree(tree, &cover, fault);
    if (err) return err;
    value_fini(value);
    *value = cover_value(&cover);
    return ERR_OK;
}

void cover_import(struct arena *scratch, struct value *value)
{
    struct cover cover;
    bool color = cover_tidy(scratch, value, NULL) == ERR_OK && cover_read(value, &cover) &&
                 cover.color.len > 0;
    if (!color) value_fini(value);
}

bool cover_read(const struct value *value, struct cover *ret_cover)
{
    struct cover cover = {0};
    struct slice text = value_slice(value), json;
    *ret_cover = cover;
    if (value->type != VALUE_JSON) return false;
    for (size_t i = 0; walk_find(text, SLICE("color"), &json) && i < ARRAY_COUNT(colors); i++) {
        struct slice color = slice_cstr(colors[i]);
        if (json.len == color.len + 2 && slice_eq(slice_of(json.ptr + 1, color.len), color))
            cover.color = color;
    }
    if (walk_find(text, SLICE("idAttachment"), &json) && json.len == ID_TEXT + 2)
        id_parse(slice_of(json.ptr + 1, ID_TEXT), &cover.attachment);
    cover.full = walk_find(text, SLICE("size"), &json) && slice_eq(json, SLICE("\"full\""));
    cover.light =
            walk_find(text, SLICE("brightness"), &json) && slice_eq(json, SLICE("\"light\""));
    *ret_cover = cover;
    return cover.color.len > 0 || !id_is_none(cover.attachment);
}

struct value cover_value(const struct cover *cover)
{
    char text[COVER_BYTES_MAX];
    struct buf out = {.ptr = text, .cap = sizeof text, .bytes_max = sizeof text};
    struct json_out j = json_out(&out);
    if (cover->color.len == 0 && id_is_none(cover->attachment))
        return (struct value){.type = VALUE_NULL};
    json_object_begin(&j);
    JSON_KEY(&j, "brightness");
    json_str(&j, cover->light ? SLICE("light") : SLICE("dark"));
    JSON_KEY(&j, "color");
    if (cover->color.len > 0)
        json_str(&j, cover->color);
    else
        json_nil(&j);
    JSON_KEY(&j, "idAttachment");
    if (id_is_none(cover->attachment))
        json_nil(&j);
    else
        json_id(&j, cover->attachment);
    JSON_KEY(&j, "size");
    json_str(&j, cover->full ? SLICE("full") : SLICE("normal"));
    json_object_end(&j);
    return value_json(buf_slice(&out));
}
