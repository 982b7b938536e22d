import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readGoTags } from './read-go-tags.ts';
import { readProto } from './read-proto.ts';
import { schemaText } from './schema-text.ts';

const PROTO = `
package k8s.io.api.toys.v1;

// Toy is a toy.
// +structType=atomic
message Toy {
  // +patchMergeKey=name
  // +patchStrategy=merge,retainKeys
  // +listType=map
  // +listMapKey=name
  repeated Wheel wheels = 1;

  // +optional
  // +default="red"
  optional string colour = 2;

  map<string, .k8s.io.api.core.v1.Pod> pods = 3;

  optional Wheel wheel = 4;

  // Left out where it is empty, though nothing says that it is optional.
  optional string size = 5;

  // +required
  optional string maker = 6;
}

message ToyList {
}
`;
const TYPES = 'type Toy struct {\n\tWheels []Wheel `json:"wheels" protobuf:"bytes,1,rep,name=wheels"`\n\tColour *string `json:"color,omitempty" protobuf:"bytes,2,opt,name=colour"`\n\tWheel `json:",inline" protobuf:"bytes,4,opt,name=wheel"`\n\tSize string `json:"size,omitempty" protobuf:"bytes,5,opt,name=size"`\n\tMaker string `json:"maker,omitempty" protobuf:"bytes,6,opt,name=maker"`\n}';

test('a message becomes a line', () => {
  assert.equal(schemaText(readProto(PROTO), readGoTags(TYPES)), 'Toy! wheels:1:[]Wheel;req;map=name;patch=merge+retainKeys,name color:2:string;ptr;default="red" pods:3:{}core.v1.Pod;req wheel:4:Wheel;inline;req size:5:string maker:6:string;req');
});

test('a line that is no field is refused', () => {
  assert.throws(() => readProto('package a;\nmessage A {\n  oneof x {\n'), /a\.A: a line that is no field: oneof x/);
});
