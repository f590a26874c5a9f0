"""Picture files: which are taken, and how one becomes an upright picture of 8 bits. Front door and detector share this.

The function (`runtime/`) and the detector (`images/inference/`) are packaged with it, so that what one takes the other
takes too. It needs the standard library and Pillow alone.

A file goes through three steps. `formats` tells what it is by its first bytes. The format's own module (`png`, `jpeg`,
...) reads the structure around the pixels without decoding any, checks it against `limits`, and gives a file that holds
page 1's picture and nothing else: metadata never reaches a decoder. `pixels` decodes that with Pillow, in a process
with limits of its own (`limited`) unless the file's size alone bounds the work.
"""
