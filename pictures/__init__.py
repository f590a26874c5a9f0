"""Picture files: which are accepted, and how a file becomes an upright 8-bit picture.

The API's function (`runtime/`) and the detector (`images/inference/`) are both packaged with it, so that both accept
the same files. It needs the standard library and Pillow; pypdfium2 and pillow-heif if such a file comes.

A file goes through three steps. `formats` recognises the type by the first bytes. The module of the format (`png`,
`jpeg`, ...) reads the structure around the pixels without decoding any, checks it against `limits`, and returns a file
with only the picture of the page that is asked for: metadata never reaches a decoder. `pixels` decodes that with
Pillow, in a process with its own limits (`sandbox`) unless the file's size alone bounds the work. What only a library
can tell about a PDF (`pdf`), a HEIC or an AVIF (`heif`), it tells in such a process, too.
"""
